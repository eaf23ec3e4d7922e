package dev.toolpost.worker.http;

import java.net.InetAddress;

/** A CIDR range of addresses; a single address is a range of its full length. */
record AddressRange(InetAddress start, int prefixBits) {

    static boolean looksLikeOne(String text) {
        return text.indexOf(':') >= 0 || text.indexOf('/') >= 0 || text.matches("[0-9.]+");
    }

    static AddressRange parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        if (literal.indexOf(':') < 0 && !literal.matches("[0-9]+(\\.[0-9]+){3}")) {
            throw new IllegalArgumentException(problem(text));
        }
        try {
            InetAddress start = InetAddress.ofLiteral(literal);
            int longest = start.getAddress().length * 8;
            int bits = slash < 0 ? longest : Integer.parseInt(text.substring(slash + 1));
            if (bits >= 0 && bits <= longest) {
                return new AddressRange(start, bits);
            }
        } catch (IllegalArgumentException notAnAddress) {
            throw new IllegalArgumentException(problem(text), notAnAddress);
        }
        throw new IllegalArgumentException(problem(text));
    }

    private static String problem(String text) {
        return "address range: " + text + " (expected: an address or a CIDR range such as 10.1.0.0/16 or fd00::/8)";
    }

    boolean contains(InetAddress address) {
        byte[] candidate = address.getAddress();
        byte[] prefix = start.getAddress();
        if (candidate.length != prefix.length) {
            return false;
        }
        int whole = prefixBits / 8;
        for (int i = 0; i < whole; i++) {
            if (candidate[i] != prefix[i]) {
                return false;
            }
        }
        int rest = prefixBits % 8;
        int mask = 0xff << (8 - rest);
        return rest == 0 || (candidate[whole] & mask) == (prefix[whole] & mask);
    }
}
