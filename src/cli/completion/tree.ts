import type { Command, Option } from 'commander';

/** What a shell needs to know of one command. */
export interface CommandNode {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandNode[];
  readonly options: readonly OptionNode[];
  /** What its arguments are: a command line of somebody else's, or nothing that could be completed. */
  readonly argument: 'command' | 'text' | 'none';
}

export interface OptionNode {
  /** `['-q', '--quiet']`. */
  readonly names: readonly string[];
  readonly description: string;
  /** What it takes: nothing, the name of an interface, or something that cannot be completed. */
  readonly value: 'none' | 'interface' | 'text';
}

/** The commander tree as a value, in the order of its help. */
export function treeOf(command: Command): CommandNode {
  const help = command.createHelp();
  return {
    name: command.name(),
    summary: firstSentence(command.summary() || command.description()),
    commands: help.visibleCommands(command).map(treeOf),
    options: help.visibleOptions(command).map(toOptionNode),
    argument: argumentOf(command),
  };
}

/** Every command with the words that lead to it, the root's being none. */
export function* walk(
  node: CommandNode,
  path: readonly string[] = [],
): Generator<readonly [readonly string[], CommandNode]> {
  yield [path, node];
  for (const child of node.commands) yield* walk(child, [...path, child.name]);
}

function toOptionNode(option: Option): OptionNode {
  const takesValue = option.required || option.optional;
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    description: firstSentence(option.description),
    value: !takesValue ? 'none' : option.long?.endsWith('interface') ? 'interface' : 'text',
  };
}

function argumentOf(command: Command): CommandNode['argument'] {
  const [first] = command.registeredArguments;
  if (first === undefined) return 'none';
  return first.name() === 'command' && first.variadic ? 'command' : 'text';
}

/** What stands behind a semicolon is for the help, where there is room. */
function firstSentence(text: string): string {
  return text.split(/[;:]| \(/, 1)[0]?.trim() ?? '';
}
