// biome-ignore assist/source/organizeImports: the first import starts the look, and ssh connects while the SDK loads
import { wholeLook } from './lib/io/first-look.ts'
import { randomUUID } from 'node:crypto'
import { local } from '@pulumi/command'
import * as pulumi from '@pulumi/pulumi'
import { repairText } from './lib/io/repair-text.ts'
import { messages } from './lib/message.ts'
import { resources } from './lib/resource.ts'

const { declaration, look } = await wholeLook((text) => new pulumi.RunError(text))

const components = new Map([
  ['z2', new pulumi.ComponentResource('bulma:host', 'z2')],
  ['ct109', new pulumi.ComponentResource('bulma:container', 'ct109')],
  ['mac', new pulumi.ComponentResource('bulma:mac', 'mac')],
])

const wanted = resources(declaration, look.findings, randomUUID(), repairText())
// From here on only the SDK throws, for each resource that failed, with a stack that tells nobody anything. It also takes one
// for every promise it makes, and maps it to sources: a fifth of a second of a preview.
Error.stackTraceLimit = 0

const made = new Map<string, local.Command>()
for (const { name, place, args, ignoreChanges, dependsOn } of wanted) {
  const parent = components.get(place) as pulumi.ComponentResource
  const before = dependsOn.flatMap((one) => made.get(one) ?? [])
  made.set(name, new local.Command(name, args, { parent, ignoreChanges, dependsOn: before }))
}

for (const message of messages(look.findings, pulumi.runtime.isDryRun())) await pulumi.log.info(message)
