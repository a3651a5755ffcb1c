import { z } from 'zod';

/**
 * Parameters of the four list requests. Our lists come whole, so no cursor of ours exists and any given one is invalid
 * (server/utilities/pagination, "Error handling").
 */
export const listParams = z.object({ cursor: z.undefined('no cursor was ever given').optional() });
