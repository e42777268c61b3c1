import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** An ssh-agent of a test's own. */
export type Agent = {
  socket: string
  /** @param passphrase of an encrypted file */
  add(key: string, passphrase?: string): void
  forgetAll(): void
  stop(): Promise<void>
}

export async function startAgent(folder: string): Promise<Agent> {
  const socket = join(folder, 'agent.sock')
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  while (!existsSync(socket)) await wait(10)
  const add = (words: string[], environment: NodeJS.ProcessEnv = {}): void => {
    execFileSync('ssh-add', words, {
      env: { ...process.env, SSH_AUTH_SOCK: socket, ...environment },
      stdio: 'ignore',
    })
  }
  return {
    socket,
    add: (key, passphrase) =>
      add(
        ['-q', key],
        // ssh-add asks a program for the passphrase where there is no terminal; it is given the prompt as its argument
        passphrase === undefined
          ? {}
          : { SSH_ASKPASS: askpass(folder, passphrase), SSH_ASKPASS_REQUIRE: 'force' },
      ),
    forgetAll: () => add(['-q', '-D']),
    stop: async () => {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await gone
    },
  }
}

function askpass(folder: string, passphrase: string): string {
  const file = join(folder, 'askpass')
  execFileSync('sh', [
    '-c',
    'printf "#!/bin/sh\\necho %s\\n" "$2" > "$1"; chmod 700 "$1"',
    'sh',
    file,
    passphrase,
  ])
  return file
}

/** An agent that takes connections and never answers. */
export async function startSilentAgent(socket: string): Promise<() => Promise<void>> {
  const taken = new Set<{ destroy(): void }>()
  const server = createServer((connection) => void taken.add(connection))
  await new Promise<void>((done) => server.listen(socket, done))
  return async () => {
    for (const connection of taken) connection.destroy()
    await new Promise((done) => server.close(done))
  }
}
