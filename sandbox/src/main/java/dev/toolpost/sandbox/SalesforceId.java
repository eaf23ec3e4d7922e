package dev.toolpost.sandbox;

/** Salesforce's record ids: a prefix per kind of object and a number in base 62, 15 characters, and three more that tell upper from lower case. */
final class SalesforceId {

    private static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final String CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    private static final int PREFIX = 3;
    private static final int SHORT = 15;
    private static final int LONG = 18;

    private SalesforceId() {}

    /** Appends the id of 18 characters. */
    static void write(ByteText out, String prefix, long number) {
        int from = out.length();
        out.text(prefix).text("000000000000");
        byte[] bytes = out.array();
        long rest = number;
        for (int i = from + SHORT - 1; rest > 0 && i >= from + PREFIX; i--) {
            bytes[i] = (byte) DIGITS.charAt((int) (rest % DIGITS.length()));
            rest /= DIGITS.length();
        }
        for (int group = 0; group < 3; group++) {
            int upper = 0;
            for (int i = 0; i < 5; i++) {
                byte b = out.array()[from + 5 * group + i];
                upper |= b >= 'A' && b <= 'Z' ? 1 << i : 0;
            }
            out.raw((byte) CASES.charAt(upper));
        }
    }

    static String text(String prefix, long number) {
        ByteText out = new ByteText(LONG);
        write(out, prefix, number);
        return out.toString();
    }

    /** The number of an id of this kind with 15 or 18 characters, or -1. */
    static long number(String prefix, String id) {
        if ((id.length() != SHORT && id.length() != LONG) || !id.startsWith(prefix)) {
            return -1;
        }
        long number = 0;
        for (int i = PREFIX; i < SHORT; i++) {
            int digit = DIGITS.indexOf(id.charAt(i));
            if (digit < 0 || number > Long.MAX_VALUE / DIGITS.length() - 1) {
                return -1;
            }
            number = number * DIGITS.length() + digit;
        }
        return id.length() == SHORT || id.equals(text(prefix, number)) ? number : -1;
    }
}
