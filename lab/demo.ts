import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { $ } from 'zx/core'
import { exitCode } from '../lib/exit-code.ts'
import { Problem } from '../lib/problem.ts'

/** What the runbooks warn of, all at once. */
const faults = ['timer-disabled-monzo', 'legacy-morning', 'legacy-evening', 'token-unreadable-truelayer']

/** The one that is planted again, to show that the same drift is seen twice. */
const again = 'timer-disabled-monzo'

const say = (text: string): void => console.log(text)

/** How much of a command's real output is shown: all of it as it comes, or its last lines. */
type Shown = 'all' | 'end'

/** Runs one of this project's commands as a person would, and shows its real output. Checks how it ends. */
type Run = (name: string, args: string[], expected: number, shown?: Shown) => Promise<void>

const runIn =
  (project: string): Run =>
  async (name, args, expected, shown = 'all') => {
    say(`\n    $ npm run ${name} -- ${args.join(' ')}\n`)
    const stdout = shown === 'all' ? 'inherit' : 'pipe'
    const shell = $({ cwd: project, stdio: ['inherit', stdout, 'inherit'], nothrow: true, quiet: true })
    const ended = await shell`${process.execPath} ${join(project, 'scripts', `${name}.ts`)} ${args}`
    if (shown === 'end') say(`    …\n${ended.stdout.trimEnd().split('\n').slice(-4).join('\n')}`)
    if (ended.exitCode === expected) return
    throw new Problem({
      what: `the demo stopped: npm run ${name} ended with ${ended.exitCode}`,
      why: `${expected} was expected at this point of the story`,
      next: 'npm run lab -- down && npm run demo',
      left: 'the simulated z2 is being taken down; no real machine was touched',
    })
  }

/**
 * `npm run demo`: a simulated Z2 with the faults that the runbooks speak of; drift is shown, repaired, and shown again.
 * @throws Problem when a lab is already up, or when a command does not end as the story says
 */
export async function demo(project: string): Promise<void> {
  if (existsSync(join(project, '.lab'))) {
    throw new Problem(
      {
        what: 'a lab is already up in this checkout',
        why: 'the demo brings up its own and takes it down again',
        next: 'npm run lab -- down',
        left: 'nothing was changed',
      },
      exitCode.usage,
    )
  }
  say('A demo of keeping a server as two runbooks say it must be.')
  say('Everything happens on this machine: the server, z2, is a simulation behind a real')
  say('ssh connection. No real server, bank or token is involved.')
  const run = runIn(project)
  try {
    await story(run)
  } finally {
    say('\nTidying up.')
    await run('lab', ['down'], exitCode.asWanted)
  }
  say('\nThat was all. README.md says how to point it at a real server.')
}

async function story(run: Run): Promise<void> {
  const stack = ['--stack', 'lab']
  const up = [...stack, '--yes', '--suppress-progress']
  say('\n1. The simulated server starts, healthy, and Pulumi records it once. On a new')
  say('   machine that gets or builds Pulumi first, which can take some minutes.')
  await run('lab', ['up'], exitCode.asWanted)
  await run('up', up, exitCode.asWanted, 'end')

  say('\n2. Now what the runbooks warn of happens: a timer is disabled, two old timers')
  say('   that would steal the bank login are back, a token file cannot be read.')
  await run('lab', ['break', ...faults], exitCode.asWanted)

  say('\n3. What differs? A look over one ssh connection; nothing is changed.')
  await run('drift', stack, exitCode.differs)

  say('\n4. Pulumi sees the same, from the same look, and would repair just that.')
  await run('preview', [...stack, '--suppress-progress'], exitCode.asWanted)

  say('\n5. So let it. Each repair checks, repairs and checks again.')
  await run('up', up, exitCode.asWanted)
  await run('drift', stack, exitCode.asWanted)

  say('\n6. The same fault once more: it is seen again, not taken for old news.')
  await run('lab', ['break', again], exitCode.asWanted)
  await run('drift', stack, exitCode.differs)
}
