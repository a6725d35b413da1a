// Colours of kinds that have no order, told apart with any colour vision.

/** Okabe and Ito, Color Universal Design, 2008. */
export const ORANGE = 0xe69f00;
export const SKY = 0x56b4e9;
export const GREEN = 0x009e73;
export const YELLOW = 0xf0e442;
export const BLUE = 0x0072b2;
export const VERMILION = 0xd55e00;
export const PURPLE = 0xcc79a7;
/** For what is none of the kinds. */
export const GREY = 0x606060;
