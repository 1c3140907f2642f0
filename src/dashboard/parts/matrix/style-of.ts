import type { MatrixStyle } from './painter.js';

/** What the theme says, as a canvas takes it: colours resolved for light or dark. */
export function matrixStyleOf(element: HTMLElement): MatrixStyle {
  const probe = element.ownerDocument.createElement('i');
  probe.hidden = true;
  element.append(probe);
  const color = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const { fontFamily, fontSize } = getComputedStyle(element);
  const style: MatrixStyle = {
    cells: {
      ok: [color('ok'), color('speed-1'), color('speed-2'), color('speed-3')],
      failed: color('failed'),
      onFailed: color('on-failed'),
      inconclusive: color('inconclusive'),
      none: color('none'),
      self: color('none'),
    },
    surface: color('surface'),
    text: color('text'),
    onOk: [color('on-failed'), color('on-speed-1'), color('on-speed-2'), color('on-speed-3')],
    font: fontFamily,
    line: Number.parseFloat(fontSize),
  };
  probe.remove();
  return style;
}
