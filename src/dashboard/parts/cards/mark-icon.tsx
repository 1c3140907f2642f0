/** The four verdicts, drawn as they are in a matrix; and a warning. */
export type MarkName = 'ok' | 'failed' | 'inconclusive' | 'none' | 'warning';

/** It says nothing that the text beside it does not say. */
export function MarkIcon({ mark }: { readonly mark: MarkName }) {
  return (
    <svg class={`mark mark-${mark}`} viewBox="0 0 14 14" aria-hidden="true">
      {SHAPES[mark]}
    </svg>
  );
}

const SHAPES: Readonly<Record<MarkName, preact.JSX.Element>> = {
  ok: <rect x="2.5" y="2.5" width="9" height="9" rx="2" fill="var(--ok)" />,
  failed: (
    <>
      <rect x="0.5" y="0.5" width="13" height="13" rx="2" fill="var(--failed)" />
      <path d="M4 4l6 6m0-6l-6 6" stroke="var(--on-failed)" stroke-width="1.7" stroke-linecap="round" />
    </>
  ),
  inconclusive: (
    <>
      <rect
        x="1.25"
        y="1.25"
        width="11.5"
        height="11.5"
        rx="2"
        fill="none"
        stroke="var(--inconclusive)"
        stroke-width="1.5"
        stroke-dasharray="2.6 1.7"
      />
      {/* Drawn: as text it would be read. */}
      <path
        d="M5.3 5.5a1.75 1.75 0 1 1 2.6 1.5c-.6.35-.9.65-.9 1.3m0 1.6v.3"
        fill="none"
        stroke="var(--inconclusive-text)"
        stroke-width="1.3"
        stroke-linecap="round"
      />
    </>
  ),
  none: <circle cx="7" cy="7" r="1.8" fill="var(--line-strong)" />,
  warning: (
    <>
      <path d="M7 1l6.3 11.5H.7z" fill="var(--warning)" />
      <path d="M7 5v3.6m0 1.6v.4" stroke="#1b1400" stroke-width="1.5" stroke-linecap="round" />
    </>
  ),
};
