package dev.toolpost.connectors;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Warnings about single texts of a definition, wherever they stand: what cannot be seen in them, and addresses that no worker asks. Used once. */
final class TextRules {
    private static final Pattern ADDRESS = Pattern.compile(
            "(?:https?|jdbc:[a-z0-9]+)://(?<host>\\[[^]{}]*]|[^/?#:{}\\s]+)(?::[0-9{][^/]*)?(?:[/?#].*)?");
    private static final Pattern NUMBERS = Pattern.compile(
            "(?:0x[0-9a-f]{1,8}|[1-9][0-9]{0,9}|0[0-7]{0,11})(?:\\.(?:0x[0-9a-f]{1,8}|[1-9][0-9]{0,9}|0[0-7]{0,11})){0,3}");
    private static final Pattern ADDRESS_KEY = Pattern.compile("(?:[a-z]+_)?url");

    private final Problems problems;

    TextRules(Problems problems) {
        this.problems = problems;
    }

    void apply(JsonNode root) {
        walk(root, "", "");
    }

    private void walk(JsonNode node, String pointer, String key) {
        if (node.isString()) {
            hidden(node.asString(), pointer);
            if (ADDRESS_KEY.matcher(key).matches()) {
                address(node.asString(), pointer);
            }
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            walk(node.get(i), pointer + "/" + i, key);
        }
        if (node.isObject()) {
            node.properties().forEach(member -> {
                String child = PositionedYaml.child(pointer, member.getKey());
                hidden(member.getKey(), child);
                walk(member.getValue(), child, member.getKey());
            });
        }
    }

    private void hidden(String text, String pointer) {
        int at = InvisibleText.find(text, 0);
        if (at >= 0) {
            problems.warning(
                    pointer,
                    "it holds the invisible character " + InvisibleText.name(text.codePointAt(at)),
                    "remove it: it deceives whoever reads the definition, a model too");
        }
    }

    private void address(String url, String pointer) {
        Matcher matched = ADDRESS.matcher(url);
        if (matched.matches() && isPrivate(matched.group("host").toLowerCase(Locale.ROOT))) {
            problems.warning(
                    pointer,
                    matched.group("host")
                            + " is an address of this machine or of a private network, which workers refuse",
                    "name the vendor's public host, or allow it at the workers: http.allow_addresses");
        }
    }

    /** As far as spelling tells; no name is looked up. */
    private static boolean isPrivate(String spelled) {
        String host = dotted(spelled.endsWith(".") ? spelled.substring(0, spelled.length() - 1) : spelled);
        return Loopback.isLoopback(host)
                || host.endsWith(".localhost")
                || host.matches("(?:0|10|127)(?:\\.[0-9]{1,3}){3}")
                || host.matches("(?:192\\.168|169\\.254|172\\.(?:1[6-9]|2[0-9]|3[01]))(?:\\.[0-9]{1,3}){2}")
                || host.matches("100\\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])(?:\\.[0-9]{1,3}){2}")
                || host.matches("\\[(?:::1?|f[cd][0-9a-f:]*|fe[89ab][0-9a-f:]*|::ffff:.*|64:ff9b:.*)]");
    }

    /** An address in one number, decimal, octal or hexadecimal, or of fewer than four, as four decimal ones (inet_aton); any other host as it is. */
    private static String dotted(String host) {
        if (!NUMBERS.matcher(host).matches()) {
            return host;
        }
        String[] parts = host.split("\\.", -1);
        long address = 0;
        for (int i = 0; i < parts.length; i++) {
            long part = Long.decode(parts[i].replaceFirst("^0+(?=[0-9])", "0"));
            boolean last = i == parts.length - 1;
            address += last ? part : part << (24 - 8 * i);
        }
        return (address >> 24 & 255) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255);
    }
}
