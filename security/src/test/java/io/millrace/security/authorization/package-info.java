@NullMarked
package io.millrace.security.authorization;

import org.jspecify.annotations.NullMarked;
