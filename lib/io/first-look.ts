import { exitCode } from '../exit-code.ts'
import { Problem, renderProblem } from '../problem.ts'
import { observe } from './observe.ts'
import { readEngineConfig } from './stack-file.ts'

// Importing this module starts the look: ssh connects while the SDK loads, which takes longer.

// Set by the language host before it runs the program; the SDK's own getStack() would cost its import.
const stack = process.env.PULUMI_NODEJS_STACK ?? ''

// `npm run up` asks for it, and the engine runs the program twice: what counts is what is found when it repairs. A bare
// pulumi notes nothing, since nobody looks after it.
const isNoted = process.env.BULMA_NOTE_LOOK === '1' && process.env.PULUMI_NODEJS_DRY_RUN !== 'true'

const started = (async () =>
  observe(readEngineConfig(JSON.parse(process.env.PULUMI_CONFIG ?? '{}'), stack), stack))()
started.catch(() => undefined) // awaited in wholeLook, after the SDK is there

/**
 * The look that the first import started.
 * @throws an error made by `asRunError` with the lines of a Problem, when anything could not be looked at: the engine
 * must not guess, and a resource that is left out would be deleted
 */
export async function wholeLook(asRunError: (text: string) => Error): ReturnType<typeof observe> {
  try {
    const found = await started
    const unseen = found.look.findings.find(({ state, cause }) => state === 'unknown' && cause === null)
    if (unseen === undefined) {
      if (isNoted) (await import('./watch/up-note.ts')).noteBefore(found)
      return found
    }
    throw new Problem(
      {
        what: `could not look at ${unseen.place} ${unseen.kind.replaceAll('-', ' ')} ${unseen.name}`,
        why: unseen.seen,
        next: unseen.next || `npm run drift${stack === 'z2' ? '' : ` -- --stack ${stack}`}`,
        left: 'nothing was changed',
      },
      exitCode.couldNotLook,
    )
  } catch (error) {
    throw error instanceof Problem ? asRunError(renderProblem(error.lines, '')) : error
  }
}
