import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Project, recordedProject } from '../e2e/project.ts'

// Whatever root's login shell on Z2 is, sshd hands it the command of a look and of a repair.

let project: Project

beforeAll(async () => {
  project = await recordedProject()
})
afterAll(() => project.end())

/** sshd asks who root is when a connection begins: the one that lives for a minute is ended. */
async function logInAs(shell: string): Promise<void> {
  await project.ssh(`usermod --shell ${shell} root`)
  const socket = ['-o', 'ControlPath=~/.ssh/bulma-%C', '-O', 'exit', 'hinata-z2']
  await project.run('ssh', ['-F', '.lab/ssh_config', ...socket])
}

describe.each(['/bin/dash', '/bin/bash', '/usr/bin/zsh', '/usr/bin/fish'])('%s', (shell) => {
  it('looks and repairs', async () => {
    await logInAs(shell)
    expect((await project.ssh('getent passwd root')).out.trim()).toMatch(new RegExp(`:${shell}$`))
    expect(await project.off()).toEqual([])
    await project.lab('break', 'timer-disabled-monzo', 'legacy-morning', 'token-unreadable-truelayer')
    const up = await project.up()
    expect(up.code, up.out).toBe(0)
    expect(up.mended).toHaveLength(4)
    expect(await project.off()).toEqual([])
    await project.lab('mend')
  })
})
