import grpc from '@grpc/grpc-js'
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb.js'
import engine from '@pulumi/pulumi/proto/engine_pb.js'
import type { Log } from './run.ts'

/** Lines for the engine's display, in order, as status beside the resource `urn`: shown while it runs, not kept. */
export function engineLog(
  address: string | undefined,
): (urn: string) => { log: Log; flushed: () => Promise<void> } {
  // Connected on the first line: a preview logs nothing.
  let client: EngineClient | undefined
  return (urn) => {
    let last: Promise<void> = Promise.resolve()
    const send = (line: string): Promise<void> =>
      new Promise((resolve) => {
        client ??= new EngineClient(address ?? '', grpc.credentials.createInsecure())
        const request = new engine.LogRequest()
        request.setSeverity(engine.LogSeverity.INFO)
        request.setMessage(line)
        request.setUrn(urn)
        request.setEphemeral(true)
        // A line that could not be shown must not fail the command that printed it.
        client.log(request, () => resolve())
      })
    return {
      log: (line) => {
        if (address) last = last.then(() => send(line))
      },
      flushed: () => last,
    }
  }
}
