/** Requests and notifications by name, of all revisions. */
export const INITIALIZE = 'initialize';
export const DISCOVER = 'server/discover';
export const PING = 'ping';
export const SET_LEVEL = 'logging/setLevel';
/** The request of 2026-07-28 whose answer is the stream of changes. */
export const LISTEN = 'subscriptions/listen';

export const TOOLS_LIST = 'tools/list';
export const TOOLS_CALL = 'tools/call' as const;
export const RESOURCES_LIST = 'resources/list';
export const TEMPLATES_LIST = 'resources/templates/list';
export const RESOURCES_READ = 'resources/read' as const;
export const RESOURCES_SUBSCRIBE = 'resources/subscribe';
export const RESOURCES_UNSUBSCRIBE = 'resources/unsubscribe';
export const PROMPTS_LIST = 'prompts/list';
export const PROMPTS_GET = 'prompts/get' as const;
export const COMPLETE = 'completion/complete' as const;

/** What a server may ask of its client. */
export const ELICIT = 'elicitation/create';
export const SAMPLE = 'sampling/createMessage';
export const ROOTS_LIST = 'roots/list';

export const INITIALIZED = 'notifications/initialized';
export const CANCELLED = 'notifications/cancelled';
export const PROGRESS = 'notifications/progress';
export const LOG_MESSAGE = 'notifications/message';
export const LISTEN_ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';
export const RESOURCE_UPDATED = 'notifications/resources/updated';

export const listChanged = (list: string): string => `notifications/${list}/list_changed`;
export const isListChanged = (method: string): boolean => method.endsWith('/list_changed');

/** Requests that do something for the caller; all others are about the conversation. */
export type ServedMethod = typeof TOOLS_CALL | typeof RESOURCES_READ | typeof PROMPTS_GET | typeof COMPLETE;
