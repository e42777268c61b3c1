import type { Finding } from '../finding.ts'
import type { Declaration } from '../invariant.ts'
import { lookProblem } from '../look-problem.ts'
import { plan } from '../plan.ts'
import { parseProbeOutput } from '../probe-output.ts'
import type { Seen } from '../seen.ts'
import { lookAtMac } from './mac.ts'
import { projectDir } from './project.ts'
import type { Answer } from './ssh-look.ts'

/**
 * What the answer of a look comes to, together with the Mac's own files.
 * @param id the random id that the markers of this look carry
 * @param stack for the commands that the findings name
 * @throws Problem (3) when it is not a whole answer
 */
export function judgeAnswer(
  declaration: Declaration,
  { end, out }: Answer,
  id: string,
  stack: string,
): { seen: Seen; findings: Finding[] } {
  const output = parseProbeOutput(out, id)
  if (output.state !== 'whole') throw lookProblem(declaration.config, end, output)
  const seen = { host: output.host, mac: lookAtMac(declaration.config, projectDir) }
  return { seen, findings: plan(declaration, seen, stack) }
}
