import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  IsTimeZone,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { TABLE_HINT, TABLE_PATTERN } from '../imports/identifier.js';
import { COLUMN_TYPES, type ColumnType } from './column-types.js';
import { MAX_RECORD_BYTES } from './csv-reader.js';
import { DATE_FORMAT, DATE_FORMAT_HINT } from './date-format.js';
import { type Encoding, ENCODINGS } from './encodings.js';
import type { Ragged } from './row-batch.js';
import type { ImportMode } from './staging-table.js';

/** What `maxRowBytes` may be raised to: V8 has strings of twice that. */
const MAX_ROW_BYTES = 256 * 1024 ** 2;
const DELIMITER_HINT = 'delimiter must be one character: a tab, a space or punctuation';
const COMMENT_HINT = 'comment must be one to four characters of punctuation, with which a line begins that is no row, such as #';
const CURRENCY_HINT = 'currency must be what stands before or behind amounts, such as € or CHF';
const TIME_ZONE_HINT = 'timeZone must be the name of a time zone, such as Europe/Berlin';

/** Two fields with one value would leave open what a character of the file means. */
const DiffersFrom = (other: string) =>
  ValidateBy({
    name: 'differsFrom',
    constraints: [other],
    validator: {
      // A double quote is refused by the pattern of each field already.
      validate: (value, args) => value === undefined || value === '"' || value !== (args?.object as Record<string, unknown>)[other],
      defaultMessage: () => `$property must be another character than ${other}`,
    },
  });

/** How values are written, in a file or in one of its columns. */
class CsvValues {
  /** Fields that are empty, such as `NA`, `NULL` or `-`, whatever the type of their column; blanks around them do not count. */
  @IsOptional() @ArrayMaxSize(100) @IsString({ each: true }) @MaxLength(200, { each: true }) nullValues?: string[];
  /** Before the fraction of a number; a point when left out, or a comma where `thousands` is a point. */
  @IsOptional() @IsIn(['.', ',']) @DiffersFrom('thousands') decimal?: '.' | ',';
  /** Between groups of digits: a space means a no-break one too. */
  @IsOptional() @IsIn([',', '.', ' ', "'", '_']) thousands?: ',' | '.' | ' ' | "'" | '_';
  /** Before or behind amounts. `(1.00)` is a negative one then. */
  @IsOptional() @Matches(/^[^\d\s+()-]{1,8}$/, { message: CURRENCY_HINT }) currency?: string;
  /** As `DD.MM.YYYY` or `MM/DD/YY hh:mm A`. A time may follow a format of a date. Forms that mean one day to everybody are read anyhow. */
  @IsOptional() @MaxLength(40) @Matches(DATE_FORMAT, { message: DATE_FORMAT_HINT }) dateFormat?: string;
  /** Of times that name none; UTC when left out. */
  @IsOptional() @IsTimeZone({ message: TIME_ZONE_HINT }) timeZone?: string;
}

export class CsvColumn extends CsvValues {
  /** The column's name in the table, or its header in the file. */
  @IsString() @MinLength(1) @MaxLength(200) name!: string;
  /** Found out when left out. A value that is not of its column's type makes a bad row. */
  @IsOptional() @IsIn(COLUMN_TYPES) type?: ColumnType;
}

export class CsvImportPayload extends CsvValues {
  /** What `POST /files` answered. */
  @IsUUID() fileId!: string;
  /** The table, in schema `imports`. */
  @Matches(TABLE_PATTERN, { message: TABLE_HINT }) table!: string;
  /** UTF-8 when left out. A byte order mark comes before it. */
  @IsOptional() @IsIn(ENCODINGS) encoding?: Encoding;
  /** One ASCII character; found out when left out. */
  @IsOptional() @Matches(/^[\t !#$%&'()*+,./:;<=>?@[\\\]^_`{|}~-]$/, { message: DELIMITER_HINT }) @DiffersFrom('quote') delimiter?: string;
  /** What encloses fields; doubled, it is part of one. */
  @IsIn(['"', "'", 'none']) quote: '"' | "'" | 'none' = '"';
  /** A line that begins with it is left out. */
  @IsOptional() @Matches(/^[!#$%&*+./:<=>?@\\^_~;-]{1,4}$/, { message: COMMENT_HINT }) @DiffersFrom('delimiter') comment?: string;
  /** Lines to be left out at the begin of the file: a title above the header. */
  @IsInt() @Min(0) @Max(1_000) skipLines: number = 0;
  /** Whether the first line names the columns. */
  @IsBoolean() header: boolean = true;
  /** Leaves out blanks around text and around quoted fields; around values of other types they never count. */
  @IsBoolean() trim: boolean = false;
  /** A row with fewer fields than the header is a bad row, or is filled up with empty ones; then surplus empty fields are left out, too. */
  @IsIn(['error', 'fill']) ragged: Ragged = 'error';
  /** What is said of single columns: their types, where these are not to be found out, and how their values are written. */
  @IsOptional() @ArrayMaxSize(1_600) @ValidateNested({ each: true }) @Type(() => CsvColumn) columns?: CsvColumn[];
  /** `create` fails when the table exists; `append` makes it when it does not. */
  @IsIn(['create', 'append', 'replace']) mode: ImportMode = 'create';
  /** With more bad rows than this nothing is imported. */
  @IsInt() @Min(0) @Max(1_000_000) maxBadRows: number = 10_000;
  /**
   * With a larger share of bad rows than this, of all rows, nothing is imported: 0.1 is 10 %, 1 allows any. When left
   * out, 0.1 for files of ten rows or more: of fewer, one bad row would be too many.
   */
  @IsOptional() @IsNumber() @Min(0) @Max(1) maxBadShare?: number;
  /** A row with more bytes than this is a bad row. Each import may hold several rows of that size in memory. */
  @IsInt() @Min(1_024) @Max(MAX_ROW_BYTES) maxRowBytes: number = MAX_RECORD_BYTES;
}
