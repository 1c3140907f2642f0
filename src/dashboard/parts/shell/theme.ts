import { useEffect, useState } from 'preact/hooks';

/** What somebody has chosen; `auto` is what the machine says. */
export type ThemeChoice = 'auto' | 'light' | 'dark';

export const THEMES: readonly ThemeChoice[] = ['auto', 'light', 'dark'];

const KEY = 'theme';

/** The theme, and how to choose another. It is kept for the next time. */
export function useTheme(): {
  readonly choice: ThemeChoice;
  readonly theme: 'light' | 'dark';
  readonly choose: (choice: ThemeChoice) => void;
} {
  const [choice, setChoice] = useState(kept);
  const [isDark, setDark] = useState(DARK.matches);
  useEffect(() => {
    const look = (): void => setDark(DARK.matches);
    DARK.addEventListener('change', look);
    return () => DARK.removeEventListener('change', look);
  }, []);
  useEffect(() => apply(choice), [choice]);
  const choose = (next: ThemeChoice): void => {
    // At once: what draws by itself reads the colours right after.
    apply(next);
    keep(next);
    setChoice(next);
  };
  return { choice, theme: choice === 'auto' ? (isDark ? 'dark' : 'light') : choice, choose };
}

const DARK = matchMedia('(prefers-color-scheme: dark)');

function apply(choice: ThemeChoice): void {
  if (choice === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = choice;
}

function kept(): ThemeChoice {
  try {
    const text = localStorage.getItem(KEY);
    const choice = THEMES.find((each) => each === text) ?? 'auto';
    apply(choice);
    return choice;
  } catch {
    return 'auto';
  }
}

function keep(choice: ThemeChoice): void {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // It is good until the page is closed.
  }
}
