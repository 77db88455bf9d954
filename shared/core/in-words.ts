import { en } from 'zod/locales';

/** zod/mini has no words of its own, only "Invalid input": with these a problem names what was expected. */
export const IN_WORDS = { error: en().localeError };
