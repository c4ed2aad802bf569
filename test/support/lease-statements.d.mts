export const KEPT: string;
export const MOST: string;
export const EXCESS: string;
export const STARTS: string;
