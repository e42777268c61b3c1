import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child.ts'

/** One way to the lab's Z2: a stack of the trial checkout, with the ssh_config that leads there. Its alias is always the same. */
export type Way = { stack: string; sshConfig: string; folder: string; log: string }

export const alias = 'hinata-z2'

/** Of `HostName 10.200.0.2` in an ssh_config. */
const setting = (text: string, name: string): string =>
  new RegExp(`^ *${name} (.+)$`, 'm').exec(text)?.[1]?.replaceAll('"', '') ?? ''

/** The lab's own way, as `lab up` has made it. */
export const labWay = (folder: string, log: string): Way => ({
  stack: 'lab',
  sshConfig: join(folder, '.lab/ssh_config'),
  folder,
  log,
})

/** Where the lab's sshd listens. */
export function labAddress({ sshConfig }: Way): { host: string; port: number } {
  const text = readFileSync(sshConfig, 'utf8')
  return { host: setting(text, 'HostName'), port: Number(setting(text, 'Port')) }
}

/** Another way to the same Z2: writes its ssh_config, its known_hosts and its stack beside those of the lab. */
export function addWay(lab: Way, stack: string, host: string, port: number): Way {
  const sshConfig = join(lab.folder, `.lab/ssh_config-${stack}`)
  const knownHosts = join(lab.folder, `.lab/known_hosts-${stack}`)
  const text = readFileSync(lab.sshConfig, 'utf8')
  const hostKey = readFileSync(setting(text, 'UserKnownHostsFile'), 'utf8').replace(
    /^\S+/,
    `[${host}]:${port}`,
  )
  writeFileSync(knownHosts, hostKey)
  const changed: Record<string, string> = {
    HostName: host,
    Port: String(port),
    UserKnownHostsFile: `"${knownHosts}"`,
  }
  writeFileSync(
    sshConfig,
    text.replace(/^( *)(\w+) .+$/gm, (line, indent: string, name: string) =>
      name in changed ? `${indent}${name} ${changed[name]}` : line,
    ),
  )
  const stackFile = readFileSync(join(lab.folder, `Pulumi.${lab.stack}.yaml`), 'utf8')
  writeFileSync(
    join(lab.folder, `Pulumi.${stack}.yaml`),
    stackFile.replace(/^( *bulma:sshConfig:).*$/m, `$1 ${sshConfig}`),
  )
  return { ...lab, stack, sshConfig }
}

/** The arguments of ssh for a connection of its own that nobody shares. */
export const alone = ({ sshConfig }: Way): string[] => ['-F', sshConfig, '-o', 'ControlPath=none']

/** Ends the connection that waits behind a socket, if one does. */
export async function endMaster(way: Way, controlPath: string): Promise<void> {
  const args = ['-F', way.sshConfig, '-o', `ControlPath=${controlPath}`, '-O', 'exit', alias]
  await run({ program: 'ssh', args, cwd: way.folder }, way.log)
}
