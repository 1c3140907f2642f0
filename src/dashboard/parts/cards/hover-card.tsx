import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Popover } from '../shell/popover.js';

/** A card that is a button, and tells more when the pointer or the keyboard is on it. */
export function HoverCard({
  onChoose,
  more,
  children,
}: {
  readonly onChoose: () => void;
  readonly more: () => ComponentChildren;
  readonly children: ComponentChildren;
}) {
  const id = useId();
  const item = useRef<HTMLLIElement>(null);
  const [isShown, setShown] = useState(false);
  const leave = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(leave.current), []);
  const show = (): void => {
    clearTimeout(leave.current);
    setShown(true);
  };
  const hide = (): void => {
    clearTimeout(leave.current);
    setShown(false);
  };
  // A moment to reach the tooltip with the pointer.
  const hideSoon = (): void => {
    clearTimeout(leave.current);
    leave.current = setTimeout(hide, 150);
  };
  return (
    <li ref={item} class="card" onPointerEnter={show} onPointerLeave={hideSoon}>
      <button
        type="button"
        class="card-button"
        aria-describedby={isShown ? id : undefined}
        onClick={onChoose}
        onFocus={show}
        onBlur={hide}
      >
        {children}
      </button>
      {isShown && (
        <Popover
          id={id}
          anchor={{ left: -10, top: 0, width: 0, height: item.current?.clientHeight ?? 0 }}
          room={{ width: 1e4, height: 1e4 }}
          onDismiss={hide}
        >
          {more()}
        </Popover>
      )}
    </li>
  );
}
