import { join } from 'node:path'
import type { Command } from '../child.ts'
import type { Contender } from '../contender.ts'
import { packagesOf } from '../tool.ts'
import { alias, endMaster, type Way } from '../way.ts'

type How = 'default' | 'pipelining' | 'mitogen'

/** ansible-playbook over the playbook beside this file, configured by `<how>.cfg`. */
export const ansible = (how: How, environment: string, socket: string): Contender => ({
  name: `Ansible, ${how}`,
  look: (way) => {
    const mac = join(way.folder, '.lab/home')
    const words = [join(import.meta.dirname, 'check.yml'), '-e', `mac=${mac}`]
    return command(how, environment, socket, way, 'ansible-playbook', words)
  },
  codes: [0],
  found,
  // Mitogen has no socket: there is then none to end.
  forget: (way) => endMaster(way, `${socket}-%C`),
})

/** The least that Ansible can do with the host. */
export const ansibleFloor = (environment: string, socket: string, way: Way): Command =>
  command('pipelining', environment, socket, way, 'ansible', [alias, '-m', 'raw', '-a', 'true'])

function command(
  how: How,
  environment: string,
  socket: string,
  way: Way,
  program: string,
  words: string[],
): Command {
  return {
    program: join(environment, 'bin', program),
    args: [
      ...words,
      '-i',
      join(import.meta.dirname, 'inventory.ini'),
      '--ssh-common-args',
      `-F ${way.sshConfig}`,
    ],
    cwd: way.folder,
    env: {
      ANSIBLE_CONFIG: join(import.meta.dirname, `${how}.cfg`),
      ANSIBLE_HOME: join(way.folder, '.ansible'),
      // its own default is a path of this kind; % stands twice, as in its configuration files
      ANSIBLE_SSH_CONTROL_PATH: `${socket}-%%C`,
      ANSIBLE_STRATEGY_PLUGINS: join(packagesOf(environment), 'ansible_mitogen/plugins/strategy'),
      ANSIBLE_NOCOLOR: '1',
      LC_ALL: 'C.UTF-8',
    },
  }
}

/** A task's name, or its name and the item, for each that says "changed". @throws when a task failed */
function found(out: string): string[] {
  const ids: string[] = []
  let task = ''
  for (const line of out.split('\n')) {
    task = /^TASK \[(.+)\] \**$/.exec(line)?.[1] ?? task
    if (/^(?:fatal|failed|unreachable):/.test(line)) throw new Error(`Ansible, ${task}: ${line}`)
    const [isChanged, item] = /^changed: \[[^\]]+\](?: => \(item=([^)]+)\))?/.exec(line) ?? []
    if (isChanged) ids.push(item === undefined ? task : `${task}/${item}`)
  }
  return ids
}
