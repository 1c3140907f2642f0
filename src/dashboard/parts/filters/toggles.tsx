import './filters.css';
import { useId } from 'preact/hooks';

/** One of several: radio buttons that look like a bar of buttons. */
export function Toggles<Value extends string>({
  label,
  values,
  names,
  value,
  onChange,
}: {
  readonly label: string;
  readonly values: readonly Value[];
  readonly names: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}) {
  const name = useId();
  return (
    <fieldset class="toggles">
      <legend class="visually-hidden">{label}</legend>
      {values.map((each) => (
        <label key={each} class="toggle">
          <input type="radio" name={name} checked={each === value} onChange={() => onChange(each)} />
          <span>{names[each]}</span>
        </label>
      ))}
    </fieldset>
  );
}
