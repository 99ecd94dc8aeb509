using System;
using System.Reflection;

namespace Gojinn
{
    /// <summary>Keeps the interpreter from inlining what may call itself: it would inline that in itself, without end.</summary>
    internal static unsafe class Inlining
    {
        private const BindingFlags Own = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

        /// <summary>Bytes of a method; longer ones are never inlined.</summary>
        private const int Longest = 32;

        internal static void Restrict(Type[] types)
        {
            foreach (var type in types)
            {
                foreach (var method in type.GetMethods(Own)) Restrict(method);
                foreach (var constructor in type.GetConstructors(Own)) Restrict(constructor);
            }
        }

        /// <summary>Sets the flag that [MethodImpl(MethodImplOptions.NoInlining)] sets, where the interpreter has it.</summary>
        private static void Restrict(MethodBase method)
        {
            var code = method.GetMethodBody()?.GetILAsByteArray();
            if (code == null || code.Length > Longest || !CallsOwn(code)) return;
            ((ushort*)method.MethodHandle.Value)[1] |= (ushort)MethodImplAttributes.NoInlining;
        }

        /// <summary>Whether something of the same assembly is called (ECMA-335, III.3.19, III.4.2 and III.4.21).</summary>
        private static bool CallsOwn(byte[] code)
        {
            const byte Call = 0x28, CallVirtual = 0x6F, New = 0x73, Method = 0x06, MemberOfGeneric = 0x0A, GenericMethod = 0x2B;
            for (var i = 0; i + 4 < code.Length; i++)
            {
                if (code[i] != Call && code[i] != CallVirtual && code[i] != New) continue;
                if (code[i + 4] == Method || code[i + 4] == MemberOfGeneric || code[i + 4] == GenericMethod) return true;
            }
            return false;
        }
    }
}
