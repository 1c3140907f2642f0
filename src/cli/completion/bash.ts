import { type CommandNode, type OptionNode, walk } from './tree.js';

/**
 * A completion function for bash (from 3.2 on, as macOS has it). It reads the words before the cursor from left to right: `path` is the
 * sub-command that they have led to, and a word that an option takes is skipped.
 */
export function bashScript(tree: CommandNode): string {
  const nodes = [...walk(tree)];
  const name = `_${tree.name}`;
  const rules = nodes.flatMap(([path, node]) => [
    ...subcommandRules(path, node),
    ...valueRules(path, node),
    ...(node.argument === 'command' ? commandRules(path, name) : []),
  ]);
  // The longest path first: the patterns of its parents fit as well.
  const ends = nodes.toReversed().flatMap(([path, node]) => endRules(path, node, name));
  return `# ${tree.name} completion for bash
${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} path='' index=1 words=''
  COMPREPLY=()
  while ((index < COMP_CWORD)); do
    case "$path \${COMP_WORDS[index]}" in
${indent(rules, 6)}
    esac
    ((index += 1))
  done
  case "$path $current" in
${indent(ends, 4)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
# Behind a command of somebody else's: with its own completion, where bash-completion is loaded.
${name}_command() {
  if declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  elif ((COMP_CWORD == $1)); then
    COMPREPLY=($(compgen -c -- "$2"))
  else
    COMPREPLY=($(compgen -f -- "$2"))
  fi
}
complete -F ${name} ${tree.name}
`;
}

/** A word that names a sub-command leads to it. */
function subcommandRules(path: readonly string[], { commands }: CommandNode): readonly string[] {
  return commands.map(({ name }) => `${words(path, [name])}) path=${quote([...path, name].join(' '))} ;;`);
}

/** The word behind an option that takes one is skipped; where the cursor stands on it, it is completed if it can be. */
function valueRules(path: readonly string[], { options }: CommandNode): readonly string[] {
  const taking = (value: OptionNode['value']) =>
    options.filter((option) => option.value === value).flatMap(({ names }) => names);
  return VALUES.filter(([value]) => taking(value).length > 0).map(
    ([value, complete]) =>
      `${words(path, taking(value))}) ((index += 1)); ((index < COMP_CWORD)) || { ${complete}return; } ;;`,
  );
}

/**
 * Not by `compgen -W`, which expands its words again: the name of an interface may be `$(…)`, and bash would run what is in it. Offered quoted, so
 * that the finished line does not run it either.
 */
const COMPLETE_INTERFACE = [
  'for words in /sys/class/net/*; do',
  `[[ -d $words ]] || continue; printf -v words %q "\${words##*/}";`,
  '[[ $words != "$current"* ]] || COMPREPLY+=("$words");',
  'done; ',
].join(' ');

const VALUES: readonly (readonly [value: OptionNode['value'], complete: string])[] = [
  ['interface', COMPLETE_INTERFACE],
  ['text', ''],
];

/** The first word that is no option begins the command, and so does what stands behind two hyphens. */
function commandRules(path: readonly string[], name: string): readonly string[] {
  return [
    `${words(path, ['--'])}) ${name}_command $((index + 1)) "$current"; return ;;`,
    `${words(path, ['-'])}*) ;;`,
    `${words(path, [''])}*) ${name}_command "$index" "$current"; return ;;`,
  ];
}

/** What the word under the cursor can be. */
function endRules(path: readonly string[], node: CommandNode, name: string): readonly string[] {
  const list = [...node.commands.map((child) => child.name), ...node.options.flatMap(({ names }) => names)];
  const rule = `words=${quote(list.join(' '))} ;;`;
  if (node.argument !== 'command') return [`${words(path, [''])}*) ${rule}`];
  return [
    `${words(path, [''])} | ${words(path, ['-'])}*) ${rule}`,
    `${words(path, [''])}*) ${name}_command "$COMP_CWORD" "$current"; return ;;`,
  ];
}

/** A pattern for any of these words behind that path. */
function words(path: readonly string[], alternatives: readonly string[]): string {
  return alternatives.map((word) => quote(`${path.join(' ')} ${word}`)).join(' | ');
}

/** Between single quotes bash reads every character as it is. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function indent(lines: readonly string[], columns: number): string {
  return lines.map((line) => ' '.repeat(columns) + line).join('\n');
}
