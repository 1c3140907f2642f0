import './filters.css';
import { useEffect, useState } from 'preact/hooks';

export function TextField({
  label,
  value,
  placeholder,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="search"
        maxLength={128}
        spellcheck={false}
        value={value}
        placeholder={placeholder}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </label>
  );
}

/** A number that may be left out. What is no number stays in the field, and counts as left out. */
export function NumberField({
  label,
  value,
  placeholder,
  onChange,
}: {
  readonly label: string;
  readonly value: number | undefined;
  readonly placeholder: string;
  readonly onChange: (value: number | undefined) => void;
}) {
  const [text, setText] = useState(value?.toString() ?? '');
  useEffect(() => {
    if (numberOf(text) !== value) setText(value?.toString() ?? '');
  }, [value]);
  return (
    <label class="field field-number">
      <span class="visually-hidden">{label}</span>
      <input
        type="text"
        inputMode="decimal"
        maxLength={8}
        value={text}
        placeholder={placeholder}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          onChange(numberOf(currentTarget.value));
        }}
      />
    </label>
  );
}

function numberOf(text: string): number | undefined {
  const value = text.trim() === '' ? Number.NaN : Number(text.replace(',', '.'));
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

export function CheckField({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={value} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
      {label}
    </label>
  );
}
