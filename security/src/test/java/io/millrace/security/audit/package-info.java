@NullMarked
package io.millrace.security.audit;

import org.jspecify.annotations.NullMarked;
