package io.millrace.runtime;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks code that meets the machine itself: its clock, its randomness, its executors. Everything
 * else gets those through its constructor, and the build refuses it where it does not.
 */
@Documented
@Retention(RetentionPolicy.CLASS)
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.CONSTRUCTOR})
public @interface SystemAccess {
    /** Why this code is an edge. */
    String value();
}
