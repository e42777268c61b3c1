const text = { type: 'string' }
const texts = { type: 'array', items: text }
const anything = { $ref: 'pulumi.json#/Any' }
const inputProperties = {
  interpreter: texts,
  create: text,
  update: text,
  delete: text,
  dir: text,
  environment: { type: 'object', additionalProperties: text },
  stdin: text,
  logging: text,
  addPreviousOutputInEnv: { type: 'boolean', default: true },
  triggers: { type: 'array', items: anything, replaceOnChanges: true },
  assetPaths: texts,
  archivePaths: texts,
}

/** The part of the command package's schema that the stand-in serves. */
export const schema = (version: string): string =>
  JSON.stringify({
    name: 'command',
    version,
    description: 'Stand-in for the command provider: command:local:Command only',
    resources: {
      'command:local:Command': {
        description: 'A local command to be executed',
        inputProperties,
        properties: { ...inputProperties, stdout: text, stderr: text },
        required: ['stdout', 'stderr'],
      },
    },
  })
