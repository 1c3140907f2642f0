export {
  cellOf,
  countMarks,
  isFaint,
  isOld,
  levelIn,
  MARK,
  type Mark,
  type MatrixData,
  type MatrixHeader,
  type MatrixRowData,
  markIn,
  nameOf,
} from './cells.js';
