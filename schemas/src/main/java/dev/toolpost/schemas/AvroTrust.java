package dev.toolpost.schemas;

import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/**
 * Lets Avro load the generated classes. Since 1.12.2 Avro instantiates no class that nobody vouched for, and reads its
 * system properties for that; this vouches for Toolpost's messages only and leaves everything else as it was.
 *
 * <p>The generated classes call {@link #messages()} when they are loaded, so nobody else needs to.
 */
public final class AvroTrust {
    private static final String MESSAGES = "dev.toolpost.message";

    static {
        ClassSecurityPredicate before = ClassSecurityValidator.getGlobal();
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                before, type -> type.getPackageName().equals(MESSAGES)));
    }

    private AvroTrust() {}

    /** Makes sure that Avro trusts the generated messages of this process. Costs nothing the second time. */
    public static void messages() {}
}
