import { vi } from 'vitest';
import { WatchedFile } from '../../../../src/probes/watched-file.js';

/** Those that are open, from now on until mocks are restored. */
export function watchedFiles(onOpen: (open: number) => void = () => {}): ReadonlySet<WatchedFile> {
  const watched = new Set<WatchedFile>();
  const { open, close } = WatchedFile.prototype;
  vi.spyOn(WatchedFile.prototype, 'open').mockImplementation(function (this: WatchedFile) {
    watched.add(this);
    onOpen(watched.size);
    return Reflect.apply(open, this, []);
  });
  vi.spyOn(WatchedFile.prototype, 'close').mockImplementation(function (this: WatchedFile) {
    watched.delete(this);
    Reflect.apply(close, this, []);
  });
  return watched;
}
