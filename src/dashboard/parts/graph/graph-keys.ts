/** What a key does in a graph. */
export type KeyAction =
  | { readonly kind: 'go'; readonly to: number }
  | { readonly kind: 'pick' }
  | { readonly kind: 'clear' }
  | { readonly kind: 'zoom'; readonly factor: number }
  | { readonly kind: 'fit' };

/** @param active the position of the node that has the focus, of so many. Undefined for keys that mean nothing here. */
export function keyAction(key: string, active: number, count: number): KeyAction | undefined {
  const go = (to: number): KeyAction => ({ kind: 'go', to: Math.max(0, Math.min(count - 1, to)) });
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return go(active + 1);
    case 'ArrowLeft':
    case 'ArrowUp':
      return go(active - 1);
    case 'Home':
      return go(0);
    case 'End':
      return go(count - 1);
    case 'Enter':
    case ' ':
      return { kind: 'pick' };
    case 'Escape':
      return { kind: 'clear' };
    case '+':
    case '=':
      return { kind: 'zoom', factor: 1.4 };
    case '-':
      return { kind: 'zoom', factor: 1 / 1.4 };
    case '0':
      return { kind: 'fit' };
    default:
      return undefined;
  }
}
