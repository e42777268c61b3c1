/** Test files outside of this folder that show a part of the matrix; they run with it. */
export const elsewhereFiles: string[] = []
