import './cards.css';
import type { ComponentChildren } from 'preact';
import { MarkIcon, type MarkName } from './mark-icon.js';

/** A number that says how things are. */
export function StatCard({
  label,
  value,
  note,
  mark,
  isAlarming = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly note?: ComponentChildren;
  readonly mark?: MarkName;
  readonly isAlarming?: boolean;
}) {
  return (
    <li class={isAlarming ? 'stat stat-alarming' : 'stat'}>
      <span class="stat-label">
        {mark !== undefined && <MarkIcon mark={mark} />}
        {label}
      </span>
      <span class="stat-value">{value}</span>
      <span class="stat-note">{note}</span>
    </li>
  );
}
