/** Arguments that fit a tool's JSON Schema well enough to be completed by hand: what is required, with empty values. */
export function exampleOf(schema: unknown): Record<string, unknown> {
  const { properties, required } = record(schema);
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  return Object.fromEntries(names.map((name) => [name, emptyValue(record(properties)[name])]));
}

function emptyValue(schema: unknown): unknown {
  const { type, default: given, enum: options, properties } = record(schema);
  if (given !== undefined) return given;
  if (Array.isArray(options)) return options[0];
  switch (Array.isArray(type) ? type[0] : type) {
    case 'number':
    case 'integer':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return properties === undefined ? {} : exampleOf(schema);
    default:
      return '';
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
