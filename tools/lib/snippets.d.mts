export interface Snippet {
  page: string;
  /** Of its fence. */
  line: number;
  language: string;
  code: string;
  /** Why nothing runs it. */
  notRun?: string;
  /** The file of the test that runs it. */
  runBy?: string;
  /** What it is a copy of; a test runs that. */
  file?: string;
  /** Code that the compiler sees before it. */
  before: string;
}

export function snippetsOf(page: string): Snippet[];
/** A page in which each snippet of a file is that file as it is now. */
export function withFiles(text: string): string;
/** The pages whose snippets people copy. */
export function pagesWithSnippets(): string[];
