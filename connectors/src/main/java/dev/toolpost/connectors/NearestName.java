package dev.toolpost.connectors;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Finds the known name that a misspelt one was probably meant to be. Pure. */
final class NearestName {
    private static final int MAX_LENGTH = 100;

    private NearestName() {}

    /** The nearest of the known names, or null where none is near. */
    static @Nullable String of(String given, Collection<String> known) {
        String nearest = null;
        int least = Integer.MAX_VALUE;
        String plain = plain(given);
        for (String name : known) {
            int distance = distance(plain, plain(name));
            if (distance < least) {
                least = distance;
                nearest = name;
            }
        }
        return least <= Math.max(1, plain.length() / 3) ? nearest : null;
    }

    private static String plain(String name) {
        String cut = name.length() > MAX_LENGTH ? name.substring(0, MAX_LENGTH) : name;
        return cut.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }

    /** Edit distance in which two neighbouring letters changed over count as one edit. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
