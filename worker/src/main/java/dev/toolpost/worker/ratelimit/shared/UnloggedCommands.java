package dev.toolpost.worker.ratelimit.shared;

import io.netty.util.internal.logging.InternalLogLevel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * Has the Redis client log no details of what it sends and gets, whatever the level: the password is among them, and a server that does not know a command
 * says it back.
 */
final class UnloggedCommands extends InternalLoggerFactory {
    private static final String CLIENT = "io.lettuce.core.";

    private UnloggedCommands() {}

    /** To be called before the first client is made: its loggers are made with its classes. */
    static void begin() {
        if (!(InternalLoggerFactory.getDefaultFactory() instanceof UnloggedCommands)) {
            InternalLoggerFactory.setDefaultFactory(new UnloggedCommands());
        }
    }

    @Override
    protected InternalLogger newInstance(String name) {
        InternalLogger plain = ((Slf4JLoggerFactory) Slf4JLoggerFactory.INSTANCE).newInstance(name);
        return name.startsWith(CLIENT) ? withoutDetails(plain) : plain;
    }

    private static InternalLogger withoutDetails(InternalLogger plain) {
        return (InternalLogger) Proxy.newProxyInstance(
                InternalLogger.class.getClassLoader(),
                new Class<?>[] {InternalLogger.class},
                (proxy, method, arguments) -> {
                    if (isDetail(method, arguments)) {
                        return method.getReturnType() == boolean.class ? Boolean.FALSE : null;
                    }
                    try {
                        return method.invoke(plain, arguments);
                    } catch (InvocationTargetException failed) {
                        throw failed.getTargetException();
                    }
                });
    }

    private static boolean isDetail(Method method, Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "debug", "trace", "isDebugEnabled", "isTraceEnabled" -> true;
            case "log", "isEnabled" ->
                arguments != null && (arguments[0] == InternalLogLevel.DEBUG || arguments[0] == InternalLogLevel.TRACE);
            default -> false;
        };
    }
}
