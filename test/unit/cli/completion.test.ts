import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completionScript } from '../../../src/cli/completion/completion.js';
import { treeOf, walk } from '../../../src/cli/completion/tree.js';
import { createProgram } from '../../../src/cli/program.js';

const program = createProgram(() => {});
const bash = completionScript('bash', program);

describe('bash', () => {
  it.each([
    [
      '',
      [
        'watch',
        'status',
        'wait',
        'exec',
        'probe',
        'monitor',
        'bandwidth-server',
        'ring',
        'doctor',
        'completion',
        'help',
        '-V',
        '--version',
        '-h',
        '--help',
      ],
    ],
    ['w', ['watch', 'wait']],
    ['completion ', ['bash', 'zsh', 'fish', '-h', '--help']],
    ['completion z', ['zsh']],
    ['completion bash ', ['-h', '--help']],
    ['status --js', ['--json']],
    ['status --check-t', ['--check-timeout']],
    ['status --check-host ', []],
    ['status --check-host 192.0.2.1 --js', ['--json']],
    ['status example.com:22 --allow', ['--allow-degraded']],
    ['watch --nonsense', []],
    ['exec --interr', ['--interrupt-after']],
    ['exec -q --retr', ['--retries']],
  ])('completes "netpause %s" by %j', (line, expected) => {
    expect(complete(line)).toEqual(expected);
  });

  it('completes the names of interfaces', () => {
    expect(complete('watch --interface l')).toContain('lo');
  });

  it('offers the name of an interface as a word, whatever is in it: anybody who may name one could have a command run by it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netpause-completion-'));
    try {
      const trace = join(folder, 'trace');
      for (const name of ['eth0.7', '$(id>trace)', '`id>trace`', '*', "a'b"])
        mkdirSync(join(folder, 'net', name), { recursive: true });
      // Which a bonding driver puts among them, and is none.
      writeFileSync(join(folder, 'net', 'bonding_masters'), '');
      const script = bash.replaceAll('/sys/class/net', join(folder, 'net'));
      const offered = complete('watch --interface ', { script, cwd: folder });
      expect(existsSync(trace)).toBe(false);
      expect([...offered].sort()).toEqual(['\\$\\(id\\>trace\\)', '\\*', '\\`id\\>trace\\`', "a\\'b", 'eth0.7']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('offers no interface where the system lists none', () => {
    const script = bash.replaceAll('/sys/class/net', '/sys/class/netpause-none');
    expect(complete('watch --interface ', { script })).toEqual([]);
  });

  it.each(['exec -- ba', 'exec ba', 'exec --retries 3 -- ba', 'exec --check-host watch -- ba'])(
    'completes the command in "netpause %s" as one of its own',
    (line) => {
      expect(complete(line)).toContain('bash');
    },
  );

  it('completes the arguments of that command as files', () => {
    expect(complete('exec -- cat /etc/host')).toContain('/etc/hosts');
    expect(complete('exec -- cat --interr')).toEqual([]);
  });

  it('hands that command on to bash-completion, where it is loaded', () => {
    expect(
      complete('exec --retries 3 -- tar -x', {
        prelude: 'declare -g _; _command_offset() { COMPREPLY=("offset=$1"); }',
      }),
    ).toEqual(['offset=5']);
  });
});

describe('every shell', () => {
  it.each(['bash', 'zsh', 'fish'] as const)('%s knows every sub-command and every option', (shell) => {
    const script = completionScript(shell, program);
    for (const [path, { options }] of walk(treeOf(program))) {
      for (const name of path) expect(script).toContain(name);
      for (const { names } of options) expect(script).toContain(names.at(-1)?.replace(/^--/, ''));
    }
  });

  it.each(['bash', 'zsh', 'fish'] as const)('%s takes the script for one', (shell) => {
    const found = which(shell);
    if (!found) return expect(shell, 'bash is there wherever these tests run').not.toBe('bash');
    expect(() => execFileSync(shell, ['-n'], { input: completionScript(shell, program) })).not.toThrow();
  });
});

/** What bash offers for the last word of a command line. */
function complete(line: string, { prelude = '', script = bash, cwd = '.' } = {}): readonly string[] {
  const words = ['netpause', ...line.split(' ')];
  const test = `${prelude}
${script}
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_netpause
((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"
`;
  const output = execFileSync('bash', ['--norc', '-c', test, 'bash', ...words], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return output === '' ? [] : output.trimEnd().split('\n');
}

function which(shell: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${shell}`]);
    return true;
  } catch {
    return false;
  }
}
