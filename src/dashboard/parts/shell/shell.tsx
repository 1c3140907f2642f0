import './base.css';
import './shell.css';
import type { ComponentChildren } from 'preact';
import type { LivePhase } from '../live/live-feed.js';
import { THEMES, type ThemeChoice } from './theme.js';

export interface ShellProps {
  readonly title: string;
  readonly version: string;
  readonly links: readonly (readonly [name: string, path: string])[];
  readonly phase: LivePhase;
  /** Milliseconds since 1970, by the clock of this machine. */
  readonly now: number;
  readonly theme: ThemeChoice;
  readonly onTheme: (choice: ThemeChoice) => void;
  readonly children: ComponentChildren;
}

/** What stands around every page: what it is, whether it is live, and light or dark. */
export function Shell({ title, version, links, phase, now, theme, onTheme, children }: ShellProps) {
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <header class="top">
        <h1 class="brand">
          <Ring />
          {title}
          {version !== '' && <small>{version}</small>}
        </h1>
        <LiveState phase={phase} now={now} />
        {links.length > 0 && (
          <nav class="links" aria-label="Also here">
            {links.map(([name, path]) => (
              <a key={path} href={path}>
                {name}
              </a>
            ))}
          </nav>
        )}
        <label class="theme">
          <span class="visually-hidden">Theme</span>
          <select value={theme} onChange={({ currentTarget }) => onTheme(themeOf(currentTarget.value))}>
            {THEMES.map((each) => (
              <option key={each} value={each}>
                {THEME_NAMES[each]}
              </option>
            ))}
          </select>
        </label>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

/** Not by a link: the view stands in the address. */
function skip(): void {
  document.getElementById('main')?.focus();
}

const THEME_NAMES: Readonly<Record<ThemeChoice, string>> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

function themeOf(text: string): ThemeChoice {
  return THEMES.find((each) => each === text) ?? 'auto';
}

/** A part of a page, with a heading. */
export function Panel({
  title,
  aside,
  children,
  class: name = '',
}: {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
  readonly class?: string;
}) {
  return (
    <section class={`panel ${name}`} aria-label={title}>
      <div class="panel-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Milliseconds without a connection after which what is shown is called stale. */
const STALE_AFTER = 30_000;

function LiveState({ phase, now }: Pick<ShellProps, 'phase' | 'now'>) {
  const { kind, text, detail } = wordsOf(phase, now);
  return (
    <p class={`live live-${kind}`} title={detail}>
      <span class="live-dot" aria-hidden="true" />
      {/* What counts seconds would be read out each second. */}
      <span role="status" class="visually-hidden">
        {LIVE_NAMES[kind]}
      </span>
      <span aria-hidden="true">{text}</span>
    </p>
  );
}

type LiveKind = 'connecting' | 'live' | 'reconnecting' | 'stale' | 'paused' | 'locked';

const LIVE_NAMES: Readonly<Record<LiveKind, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Connection lost, reconnecting',
  stale: 'Stale: no connection',
  paused: 'Paused',
  locked: 'A token is needed',
};

function wordsOf(
  phase: LivePhase,
  now: number,
): { readonly kind: LiveKind; readonly text: string; readonly detail: string } {
  if (phase.kind !== 'reconnecting') return { kind: phase.kind, text: LIVE_NAMES[phase.kind], detail: '' };
  const seconds = Math.max(0, Math.round((now - phase.since) / 1_000));
  const kind = now - phase.since > STALE_AFTER ? 'stale' : 'reconnecting';
  const since = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return { kind, text: `${kind === 'stale' ? 'Stale' : 'Reconnecting'} for ${since}`, detail: phase.why };
}

function Ring() {
  return (
    <svg class="brand-mark" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.5" />
      <circle cx="8" cy="2.5" r="2.2" fill="currentColor" />
      <circle cx="3.2" cy="10.8" r="2.2" fill="currentColor" />
      <circle cx="12.8" cy="10.8" r="2.2" fill="currentColor" />
    </svg>
  );
}
