package dev.toolpost.worker.classify;

/** A vendor's words as they may stand in an error: one line, nothing invisible, not endless. Pure. */
final class PlainText {

    private PlainText() {}

    static String of(String text, int longest) {
        StringBuilder readable = new StringBuilder(Math.min(text.length(), longest));
        boolean space = false;
        for (int i = 0; i < text.length() && readable.length() < longest; ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isWhitespace(c) || Character.getType(c) == Character.CONTROL) {
                space = !readable.isEmpty();
            } else if (isVisible(c)) {
                if (space) {
                    readable.append(' ');
                    space = false;
                }
                readable.appendCodePoint(c);
            }
        }
        return readable.toString();
    }

    /** Format characters are bidi overrides, zero-width characters and tags; the rest stands for nothing. */
    private static boolean isVisible(int c) {
        return switch (Character.getType(c)) {
            case Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
