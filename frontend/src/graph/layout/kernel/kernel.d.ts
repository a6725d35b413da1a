// What AssemblyScript calls numbers and truth: the files beside this one are compiled by it, too.
type i32 = number;
type f64 = number;
type bool = boolean;
/** Frees all that was made; there is no other way to free anything. */
declare function __reset(): void;
