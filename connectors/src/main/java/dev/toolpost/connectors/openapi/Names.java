package dev.toolpost.connectors.openapi;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gives names of the form that connectors want, each once. Not thread-safe. */
final class Names {
    private static final Pattern DOMAIN =
            Pattern.compile("https://(?:[^/?#:]*\\.)?(?!(?:co|com|org|net|gov|ac)\\.)([A-Za-z][A-Za-z0-9-]{1,30})"
                    + "\\.(?:(?:co|com|org|net|gov|ac)\\.[A-Za-z]{2}|[A-Za-z]{2,})(?:[/:?#]|$)");
    private static final int MAX_TOOL = 64;
    private static final int MAX_ARGUMENT = 64;

    private final int most;
    private final Set<String> taken = new HashSet<>();

    private Names(int most) {
        this.most = most;
    }

    /** Names of tools of this vendor, of at most 64 characters with the vendor before them. */
    static Names ofTools(String vendor) {
        return new Names(MAX_TOOL - vendor.length() - 1);
    }

    /** Names of arguments. */
    static Names ofArguments() {
        return new Names(MAX_ARGUMENT);
    }

    /** The nearest form of a name that is free. */
    String free(String wanted) {
        String base = cut(plain(wanted), most);
        String name = base;
        for (int number = 2; !taken.add(name); number++) {
            String end = "_" + number;
            name = cut(base, most - end.length()) + end;
        }
        return name;
    }

    /** An argument's name as it is where it can be one, else the nearest form. */
    String freeAsIs(String wanted) {
        return wanted.matches("[A-Za-z_][A-Za-z0-9_]{0,63}") && taken.add(wanted) ? wanted : free(wanted);
    }

    private static String plain(String wanted) {
        String name = ShortText.words(wanted).replace(' ', '_');
        return name.isEmpty() || !Character.isLetter(name.charAt(0)) ? "x" + (name.isEmpty() ? "" : "_" + name) : name;
    }

    /** At the end of a word where that costs little. */
    private static String cut(String name, int length) {
        if (name.length() <= length) {
            return name;
        }
        String cut = name.substring(0, length);
        int word = cut.lastIndexOf('_');
        String whole = word > length * 2 / 3 ? cut.substring(0, word) : cut;
        return whole.endsWith("_") ? whole.substring(0, whole.length() - 1) : whole;
    }

    /** A vendor's id out of its domain, or out of the title of its API where there is none. */
    static String vendor(String address, String title) {
        Matcher domain = DOMAIN.matcher(address);
        if (domain.lookingAt()) {
            return domain.group(1).toLowerCase(Locale.ROOT).replace('-', '_');
        }
        String name = ShortText.words(title)
                .replaceAll(
                        "\\b(the|api|apis|rest|http|openapi|swagger|specification|spec|documentation|public|v?[0-9]+)\\b",
                        " ")
                .strip()
                .replaceAll("\\s+", "_");
        String plain = name.isEmpty() || !Character.isLetter(name.charAt(0)) ? "vendor" : name;
        return cut(plain, 31);
    }
}
