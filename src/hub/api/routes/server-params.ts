import { z } from 'zod';

/** `{id}` in a path. */
export const serverParams = z.strictObject({ id: z.string().max(100).describe('Id do servidor.') });
