import { type CommandNode, type OptionNode, walk } from './tree.js';

/** A completion function for zsh for each command, in the terms of its `_arguments`. */
export function zshScript(tree: CommandNode): string {
  const functions = [...walk(tree)].map(([path, node]) => functionFor([tree.name, ...path], node));
  return `#compdef ${tree.name}
${functions.join('\n')}
compdef _${tree.name} ${tree.name}
`;
}

function functionFor(path: readonly string[], node: CommandNode): string {
  const specs = [...node.options.map(optionSpec), ...argumentSpecs(node)].map((spec) => `    ${quote(spec)}`);
  return `_${path.join('_')}() {
  local curcontext="$curcontext" state line
  _arguments -s -C \\
${specs.join(' \\\n')}${node.commands.length === 0 ? '' : dispatch(path, node)}
}`;
}

/** The first argument is one of the sub-commands, and what follows is that one's affair. */
function dispatch(path: readonly string[], node: CommandNode): string {
  const list = node.commands.map(({ name, summary }) => `        ${quote(`${name}:${summary}`)}`);
  const cases = node.commands.map(({ name }) => `        ${name}) _${[...path, name].join('_')} ;;`);
  return `
  case $state in
    command)
      local -a commands=(
${list.join('\n')}
      )
      _describe command commands ;;
    rest)
      case $words[1] in
${cases.join('\n')}
      esac ;;
  esac`;
}

function argumentSpecs(node: CommandNode): readonly string[] {
  if (node.commands.length > 0) return ['1: :->command', '*:: :->rest'];
  if (node.argument === 'command') return ['(-)1:command: _command_names -e', '*::arguments: _normal'];
  return node.argument === 'text' ? ['*:destination:_hosts'] : [];
}

/** `(-q --quiet)'{-q,--quiet}'[…]` is written out as one spec a name: it says the same. */
function optionSpec({ names, description, value }: OptionNode): string {
  const name = names.at(-1) ?? '';
  const action = value === 'none' ? '' : value === 'interface' ? ':interface:_net_interfaces' : ':value:';
  return `*${name}[${description.replace(/[[\]:\\]/g, '\\$&')}]${action}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
