package dev.toolpost.benchmarks;

import java.util.Locale;

/** Prints rows as they come, under a head. Numbers to the right, words to the left. */
final class Table {

    private static final int FIRST = 20;
    private static final int LEAST = 14;

    private final int[] widths;

    Table(String... head) {
        widths = new int[head.length];
        StringBuilder line = new StringBuilder("\n");
        for (int i = 0; i < head.length; i++) {
            widths[i] = i == 0 ? Math.max(FIRST, head[i].length() + 1) : Math.max(LEAST, head[i].length() + 2);
            line.append(cell(i, head[i]));
        }
        System.out.println(line.toString().stripTrailing());
    }

    /** Doubles are shown with as many places as tell something. */
    void row(Object... cells) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            line.append(i < widths.length ? cell(i, text(cells[i])) : "  " + text(cells[i]));
        }
        System.out.println(line.toString().stripTrailing());
    }

    private String cell(int column, String text) {
        return String.format(Locale.ROOT, column == 0 ? "%-" + widths[0] + "s" : "%" + widths[column] + "s", text);
    }

    static String text(Object value) {
        if (!(value instanceof Double number)) {
            return String.valueOf(value);
        }
        if (number.isNaN()) {
            return "-";
        }
        double size = Math.abs(number);
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", number);
    }
}
