# The tag of the exception that longjmp throws, an i32: what it points to says whose it is.
	.tagtype __c_longjmp i32
	.globl __c_longjmp
__c_longjmp:
