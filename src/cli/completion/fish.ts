import { type CommandNode, type OptionNode, walk } from './tree.js';

/** Completions for fish: one line for every sub-command and option, with the condition under which it is offered. */
export function fishScript(tree: CommandNode): string {
  const lines = [...walk(tree)].flatMap(([path, node]) => linesFor(tree.name, path, node));
  return [`complete -c ${tree.name} -f`, ...lines, ''].join('\n');
}

function linesFor(program: string, path: readonly string[], node: CommandNode): readonly string[] {
  const start = `complete -c ${program} -n ${quote(conditionFor(path, node))}`;
  return [
    ...node.commands.map(({ name, summary }) => `${start} -a ${name} -d ${quote(summary)}`),
    ...node.options.map((option) => `${start} ${optionWords(option)}`),
    ...(node.argument === 'command' ? [`${start} -x -a '(__fish_complete_subcommand --fcs-skip=2)'`] : []),
  ];
}

/** Sub-commands are offered until one is there. */
function conditionFor(path: readonly string[], node: CommandNode): string {
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const none =
    node.commands.length === 0
      ? []
      : [`not __fish_seen_subcommand_from ${node.commands.map(({ name }) => name).join(' ')}`];
  return [...seen, ...none].join('; and ');
}

function optionWords({ names, description, value }: OptionNode): string {
  const words = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const argument = { none: [], text: ['-x'], interface: ["-x -a '(command ls /sys/class/net 2>/dev/null)'"] }[value];
  return [...words, ...argument, `-d ${quote(description)}`].join(' ');
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
